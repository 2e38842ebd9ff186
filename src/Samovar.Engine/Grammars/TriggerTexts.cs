using System.Text;

namespace Samovar.Engine.Grammars;

/// <summary>The texts of which the first that is written makes a grammar bind, from its own first byte on.</summary>
internal sealed class TriggerTexts(IReadOnlyList<string> texts)
{
    private readonly byte[][] _texts = [.. texts.Where(text => text.Length > 0).Select(Encoding.UTF8.GetBytes)];

    public bool IsEmpty => _texts.Length == 0;

    public IEnumerable<byte> Bytes => _texts.SelectMany(text => text);

    /// <summary>The longest trigger that ends with this byte; null for none.</summary>
    public byte[]? After(byte[] seen, byte one)
    {
        byte[]? longest = null;
        foreach (var text in _texts)
            if (text[^1] == one && seen.AsSpan().EndsWith(text.AsSpan(0, text.Length - 1)) && text.Length > (longest?.Length ?? 0))
                longest = text;
        return longest;
    }

    /// <summary>The longest beginning of a trigger that ends with this byte.</summary>
    public byte[] Remaining(byte[] seen, byte one)
    {
        byte[] written = [.. seen, one];
        for (var from = 0; from < written.Length; from++)
        {
            var remaining = written.AsSpan(from);
            foreach (var text in _texts)
                if (text.AsSpan().StartsWith(remaining)) return remaining.ToArray();
        }
        return [];
    }
}
