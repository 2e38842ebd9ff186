using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>Who may share a session: one tenant's turns with the same credentials.</summary>
/// <param name="Server">The server's name in the settings.</param>
/// <param name="Credentials">A digest of what opens it.</param>
internal readonly record struct SessionKey(string Server, TenantId Tenant, string Credentials)
{
    public static SessionKey Of(ServerEntry entry, TenantId tenant, ToolCredentials credentials) =>
        new(entry.Name, tenant, DigestOf(credentials));

    private static string DigestOf(ToolCredentials credentials)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(credentials.Authorization ?? "");
        hash.AppendData([(byte)(credentials.Authorization is null ? 0 : 1)]);
        foreach (var (name, value) in credentials.Headers)
        {
            Add(name);
            Add(value);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(string part)
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length)); // so that no two lists of headers read the same
            hash.AppendData(bytes);
        }
    }
}

/// <summary>A session and the turns that use it; its home's lock guards all that changes.</summary>
/// <param name="key">Who may use it.</param>
/// <param name="opening">The session, when it is open.</param>
internal sealed class SharedSession(SessionKey key, Task<McpSession> opening)
{
    public SessionKey Key => key;
    public Task<McpSession> Opening => opening;

    /// <summary>Turns that use it.</summary>
    public int Users { get; set; }

    /// <summary>Whether it is closed, or about to be.</summary>
    public bool IsLeft { get; set; }

    /// <summary>Since when none does, by <c>TimeProvider.GetTimestamp</c>.</summary>
    public long IdleSince { get; set; }

    /// <summary>Its tools; null where they are not known.</summary>
    public KnownList? List { get; set; }

    /// <summary>Whether changes of the list are listened for.</summary>
    public bool IsListening { get; set; }

    /// <summary>How often the list is known to have changed.</summary>
    public int Changes { get; set; }

    /// <summary>Whether nobody else should begin to use it.</summary>
#pragma warning disable VSTHRD002, VSTHRD103 // it is there already
    public bool IsOver => opening.IsCompleted && (!opening.IsCompletedSuccessfully || opening.Result.IsOver);
#pragma warning restore VSTHRD002, VSTHRD103
}

/// <summary>A server's tools as they were listed.</summary>
/// <param name="Until">When they are asked for again, by <c>TimeProvider.GetTimestamp</c>.</param>
internal sealed record KnownList(IReadOnlyList<ListedTool> Tools, long Until, long Bytes);
