using System.Security.Cryptography;
using System.Text;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>What a file says, or that there is none.</summary>
internal sealed record FileState(byte[] Bytes, string Text, bool Exists)
{
    private const int BytesMax = 4 << 20, DigestLetters = 16;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static readonly FileState None = new([], "", false);

    private bool HasMark => Bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble);

    /// <summary>Names its text among others.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Strict.GetBytes(Text)))[..DigestLetters];

    /// <exception cref="UsageException">It is no text, or too long a one.</exception>
    public static FileState Read(string path)
    {
        if (!File.Exists(path)) return None;
        if (new FileInfo(path).Length > BytesMax) throw new UsageException($"{path} has more than {BytesMax} bytes.");
        var bytes = File.ReadAllBytes(path);
        var start = bytes.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        try { return new FileState(bytes, Strict.GetString(bytes.AsSpan(start)), true); }
        catch (DecoderFallbackException) { throw new UsageException($"{path} is no UTF-8."); }
    }

    /// <summary>The same file with another text.</summary>
    public FileState With(string text) =>
        new(HasMark ? [.. Encoding.UTF8.Preamble, .. Strict.GetBytes(text)] : Strict.GetBytes(text), text, true);

    public bool IsSame(FileState other) => Exists == other.Exists && Bytes.AsSpan().SequenceEqual(other.Bytes);

    /// <summary>Puts it there whole: whoever reads the file sees all of it or what was there before.</summary>
    /// <param name="mode">Who may read it; null: its owner alone.</param>
    public void WriteTo(string path, UnixFileMode? mode)
    {
        var part = path + ".samovar-part";
        File.Delete(part);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        try
        {
            using (var file = new FileStream(part, options))
            {
                file.Write(Bytes);
                file.Flush(flushToDisk: true);
            }
            if (!OperatingSystem.IsWindows() && mode is { } known) File.SetUnixFileMode(part, known);
            File.Move(part, path, overwrite: true);
        }
        finally { File.Delete(part); }
    }
}
