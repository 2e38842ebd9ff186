using System.Text;

namespace Samovar.Cli.Agents;

/// <summary>What a command says on both its outputs, in the order in which it came: its start and its end, however much that is.</summary>
internal sealed class CommandOutput
{
    private const int CharsMax = 256 << 10, HeadChars = CharsMax / 4, PieceChars = 8 << 10;
    private readonly StringBuilder _said = new();

    /// <summary>Reads one of them to its end, or to that of <paramref name="left"/>.</summary>
    public async Task ReadAsync(StreamReader output, CancellationToken left)
    {
        var piece = new char[PieceChars];
        try
        {
            while (await output.ReadAsync(piece, left) is > 0 and var count) Add(piece.AsSpan(0, count));
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // what was said until then counts
        }
    }

    public override string ToString()
    {
        lock (_said) return _said.ToString();
    }

    private void Add(ReadOnlySpan<char> piece)
    {
        lock (_said)
        {
            _said.Append(piece);
            if (_said.Length > 2 * CharsMax) _said.Remove(HeadChars, _said.Length - CharsMax); // seldom: it moves what is behind
        }
    }
}
