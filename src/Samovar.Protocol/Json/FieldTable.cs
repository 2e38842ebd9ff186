using System.Text;

namespace Samovar.Protocol.Json;

/// <summary>Reads one field's value: the reader is on its first token when called, on its last when done.</summary>
internal delegate void FieldRead<in T>(ref JsonCursor json, T target);

/// <summary>The fields of one kind of object that Samovar reads, one row each; others are passed over.</summary>
internal sealed class FieldTable<T>
{
    /// <summary>The bits of one word mark the fields already seen.</summary>
    public const int RowsMax = 64;

    private readonly Row[][] _byLength;

    public FieldTable(params (string Name, FieldRead<T> Read)[] rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length, RowsMax, nameof(rows));
        var all = rows.Select((row, index) => new Row(row.Name, Encoding.ASCII.GetBytes(row.Name), row.Read, 1UL << index)).ToArray();
        _byLength = new Row[all.Max(row => row.Utf8.Length) + 1][];
        for (var length = 0; length < _byLength.Length; length++) _byLength[length] = [.. all.Where(row => row.Utf8.Length == length)];
    }

    /// <summary>The fields that have a row.</summary>
    public IEnumerable<string> Names => _byLength.SelectMany(rows => rows).Select(row => row.Name);

    public Row? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length >= _byLength.Length) return null;
        foreach (var row in _byLength[name.Length])
            if (name.SequenceEqual(row.Utf8)) return row;
        return null;
    }

    /// <param name="Bit">The row's own bit among those seen.</param>
    public sealed record Row(string Name, byte[] Utf8, FieldRead<T> Read, ulong Bit);
}
