using System.ComponentModel.DataAnnotations;

namespace Samovar.Server.Auth;

/// <summary>Who may speak with the server.</summary>
internal sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>JSON file <c>{"tenants":{"name":["key", "sha256:hex"]},"operators":["name"],"quotas":{"name":{…}}}</c>; without it
    /// everybody is the one local tenant.</summary>
    public string? KeyFile { get; set; }

    /// <summary>
    /// Whether every key is let in, as a tenant of its own, and goes on to the destinations that get clients' keys (<c>PassesKeys</c>);
    /// whether it is one is theirs to say. None of them is an operator's; who sends no key is an operator where the server listens on
    /// loopback. Not with a key file.
    /// </summary>
    public bool PassKeysOn { get; set; }

    /// <summary>The SHA-256, in hex, of a key that is an operator's where keys are passed on. That key is not passed on.</summary>
    [RegularExpression("[0-9A-Fa-f]{64}")] public string? OperatorKeyHash { get; set; }

    /// <summary>How old the knowledge of the file may be: a key that was taken out stops working after this time, on open sockets
    /// too.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")] public TimeSpan KeyFileAgeMax { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the former keys stay in force while the file is missing, broken or cannot be read; then no key is
    /// accepted.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")] public TimeSpan KeyFileGraceMax { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of the key file.</summary>
    [Range(1024, 1 << 30)] public int KeyFileBytesMax { get; set; } = 16 << 20;

    /// <summary>
    /// Origins of web pages, such as <c>https://app.example</c>, that browsers let read the answers, besides those of this machine; a
    /// server without keys refuses all others.
    /// </summary>
    public string[] AllowedOrigins { get; set; } = [];

    /// <summary>
    /// Names, such as <c>samovar.example</c>, under which a server without keys answers besides this machine's own: those that clients,
    /// or a proxy before it, call it by.
    /// </summary>
    public string[] AllowedHosts { get; set; } = [];

    /// <summary>Keys of all tenants together.</summary>
    [Range(1, 1_000_000)] public int KeysMax { get; set; } = 10_000;
}
