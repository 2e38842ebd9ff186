using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Samovar.Cluster;

namespace Samovar.Server.Peers;

/// <summary>What the nodes of one cluster know each other by. It is sent to them, and shown nowhere else.</summary>
internal sealed class ClusterKey
{
    /// <summary>As many cannot be guessed.</summary>
    public const int CharsMin = 32;

    private const int CharsMax = 512, FileBytesMax = 64 << 10;
    private const string Scheme = "Samovar-Cluster ";
    private readonly string _header;
    private readonly byte[] _hash;

    private ClusterKey(string key) => (_header, _hash) = (Scheme + key, Hash(Scheme + key));

    /// <summary>From the options, or the file that they name.</summary>
    /// <exception cref="FormatException">There is none, or none that is one; it is not in the message.</exception>
    public static ClusterKey Of(ClusterOptions options)
    {
        const string key = $"{ClusterOptions.Section}:{nameof(ClusterOptions.Key)}";
        const string file = $"{ClusterOptions.Section}:{nameof(ClusterOptions.KeyFile)}";
        return (options.Key, options.KeyFile) switch
        {
            ({ Length: > 0 }, { Length: > 0 }) => throw new FormatException($"{key}: give it or {file}, not both."),
            ({ Length: > 0 } given, _) => Of(key, given),
            (_, { Length: > 0 } path) => Of(file, Read(file, path)),
            _ => throw new FormatException($"{file}: the nodes of a cluster know each other by a key that all of them have; put "
                + $"{CharsMin} characters or more in a file, and say --cluster-key-file PATH."),
        };
    }

    /// <summary>Shows the key to a peer.</summary>
    public void Show(HttpRequestMessage request) => request.Headers.TryAddWithoutValidation("Authorization", _header);

    /// <summary>Whether a peer has shown it. Takes as long for one that is nearly right.</summary>
    public bool IsShown(HttpRequest request) =>
        request.Headers.Authorization is [{ } shown] && CryptographicOperations.FixedTimeEquals(Hash(shown), _hash);

    public override string ToString() => "(a key)";

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static ClusterKey Of(string setting, string key) => (key = key.Trim()) switch
    {
        { Length: < CharsMin or > CharsMax } => throw new FormatException($"{setting}: a key has {CharsMin} to {CharsMax} characters."),
        _ when key.AsSpan().ContainsAnyExceptInRange('!', '~') =>
            throw new FormatException($"{setting}: a key has letters, digits and signs of ASCII alone, without spaces."),
        _ => new ClusterKey(key),
    };

    private static string Read(string setting, string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var content = new byte[FileBytesMax];
            return Encoding.UTF8.GetString(content, 0, file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"{setting}: {exception.Message}", exception);
        }
    }
}
