namespace Samovar.Engine.States;

/// <summary>How libllama writes one stream's state, learnt from a sample: the only place that knows the bytes.</summary>
/// <remarks>
/// 1 a mark, the sequence, and the number of streams;
/// 2 for every stream its number of cells (0 for all but one); of that one:
/// 3 per cell its position, the number of its sequences (1) and the sequence; where positions have several dimensions, between the last
/// two the position in the other dimensions (the same for text) and the token;
/// 4 a flag for transposed values (must be 0) and the number of layers;
/// 5 per layer the key type and row size, then the key rows, token after token;
/// 6 the same for the values;
/// 7 what the stream's end alone decides (rows within windows, recurrent state), exactly as it is written without the rest.
/// Anything else is not recognised, and its state is then moved only as a whole.
/// </remarks>
internal sealed unsafe class StateLayout
{
    /// <summary>Bytes in front of everything: the mark and the sequence.</summary>
    public const int PrefixBytes = 2 * sizeof(int);
    private const int CellInts = 3;      // position, count, sequence
    private const int WideCellInts = 6;  // position, count, position in two more dimensions, token, sequence
    private const int PlaneHeaderBytes = 12;
    private readonly int _mark;
    private readonly int _cellInts;
    private readonly int[] _types;
    private readonly int[] _rowBytes;
    private readonly long[] _before;
    private readonly int _streams;

    private StateLayout(int mark, int streams, int cellInts, int[] types, int[] rowBytes)
    {
        (_mark, _streams, _cellInts, _types, _rowBytes) = (mark, streams, cellInts, types, rowBytes);
        _before = new long[rowBytes.Length + 1];
        for (var plane = 0; plane < rowBytes.Length; plane++) _before[plane + 1] = _before[plane] + rowBytes[plane];
    }

    /// <summary>Key planes of all layers, then value planes.</summary>
    public int Planes => _rowBytes.Length;

    /// <summary>Bytes of one token over all planes.</summary>
    public int BytesPerToken => (int)_before[^1];

    public int RowBytes(int plane) => _rowBytes[plane];

    /// <summary>Bytes of one token over the planes in front of one.</summary>
    public long BytesBefore(int plane) => _before[plane];

    /// <summary>A slice's first row in a plane.</summary>
    public byte* Rows(RowSlice slice, int plane) =>
        (byte*)slice.Data + BytesBefore(plane) * slice.Capacity + (long)slice.Gap * (plane + 1) + (long)slice.First * RowBytes(plane);

    /// <summary>Copies the rows of every plane of a slice to another place of the same length.</summary>
    public void Copy(RowSlice source, RowSlice target)
    {
        if (target.Count != source.Count) throw new ArgumentException("Slices of different lengths.", nameof(target));
        for (var plane = 0; plane < Planes; plane++)
        {
            var bytes = (long)source.Count * RowBytes(plane);
            Buffer.MemoryCopy(Rows(source, plane), Rows(target, plane), bytes, bytes);
        }
    }

    /// <summary>What rows of it have to be like; those of a layout with another one are of no use here.</summary>
    public string Description => $"{_cellInts}:{string.Join(',', _types.Zip(_rowBytes))}";

    /// <summary>Whether each cell is written with its token.</summary>
    public bool HasTokens => _cellInts == WideCellInts;

    /// <summary>Learns the layout from a saved state of at least one token; null where it is not recognised.</summary>
    /// <param name="state">All of it.</param>
    /// <param name="streams">Streams of the context.</param>
    /// <param name="atEnd">What is written of the stream's end alone; empty where that is nothing.</param>
    public static StateLayout? Learn(ReadOnlySpan<byte> state, int streams, ReadOnlySpan<byte> atEnd = default)
    {
        var suffix = atEnd.Length > PrefixBytes ? atEnd[PrefixBytes..] : default;
        if (suffix.Length >= state.Length || !state.EndsWith(suffix)) return null;
        var rows = state[..^suffix.Length];
        return Learn(rows, streams, CellInts) ?? Learn(rows, streams, WideCellInts);
    }

    private static StateLayout? Learn(ReadOnlySpan<byte> state, int streams, int cellInts)
    {
        var reader = new StateReader(state);
        var mark = reader.Int();
        reader.Int();
        if (reader.Int() != streams) return null;
        var cells = 0;
        for (var stream = 0; stream < streams && cells == 0; stream++) cells = reader.Int();
        if (cells is <= 0 or > 1 << 20) return null;
        reader.Bytes(cells * cellInts * sizeof(int));
        if (reader.Int() != 0) return null;
        var planes = reader.Int() * 2;
        if (planes is <= 0 or > 1 << 14) return null;
        int[] types = new int[planes], rows = new int[planes];
        for (var plane = 0; plane < planes && !reader.Failed; plane++)
        {
            types[plane] = reader.Int();
            rows[plane] = reader.Int();
            if (reader.Int() != 0 || rows[plane] is <= 0 or > 1 << 24) return null;
            reader.Bytes(cells * rows[plane]);
        }
        while (reader.Left > 0 && reader.Int() == 0 && !reader.Failed) { }
        if (reader.Failed || reader.Left != 0) return null;
        var layout = new StateLayout(mark, streams, cellInts, types, rows);
        return layout.Size(cells) == state.Length ? layout : null;
    }

    /// <summary>Bytes of the state of a stream with that many tokens, without what only its end decides.</summary>
    public long Size(int tokens) =>
        HeaderBytes(tokens) + (long)Planes * PlaneHeaderBytes + (long)tokens * BytesPerToken + (_streams - 1) * sizeof(int);

    /// <summary>The rows within a saved state; null unless it holds exactly the tokens from a position on, in order.</summary>
    /// <param name="state">The state.</param>
    /// <param name="size">Its bytes, without what only the stream's end decides.</param>
    /// <param name="position">Its first token's.</param>
    /// <param name="tokens">How many it must have.</param>
    public RowSlice? Open(byte* state, long size, int position, int tokens)
    {
        if (tokens <= 0 || size != Size(tokens)) return null;
        var at = (int*)(state + PrefixBytes);
        if (*(int*)state != _mark || *at++ != _streams) return null;
        var stream = 0;
        for (; stream < _streams && *at == 0; stream++) at++;
        if (stream == _streams || *at++ != tokens) return null;
        for (var token = 0; token < tokens; token++, at += _cellInts)
        {
            if (at[0] != position + token || at[1] != 1) return null;
            if (HasTokens && (at[2] != at[0] || at[3] != at[0])) return null; // no text: an image has places of its own
        }
        if (at[0] != 0 || at[1] != Planes / 2) return null;
        var slice = new RowSlice((nint)(at + 2), tokens, PlaneHeaderBytes, 0, tokens);
        for (var plane = 0; plane < Planes; plane++)
        {
            var header = (int*)(Rows(slice, plane) - PlaneHeaderBytes);
            if (header[0] != _types[plane] || header[1] != _rowBytes[plane] || header[2] != 0) return null;
        }
        return slice;
    }

    /// <summary>Puts rows of consecutive tokens from position 0 on together into one state that a stream can be set to.</summary>
    /// <param name="target">Room for <see cref="Size"/> bytes.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="parts">The rows.</param>
    /// <param name="tokens">The tokens themselves; only looked at where <see cref="HasTokens"/>.</param>
    public void Splice(byte* target, int stream, IReadOnlyList<RowSlice> parts, ReadOnlySpan<int> tokens = default)
    {
        var count = 0;
        foreach (var part in parts) count += part.Count;
        var at = (int*)target;
        *at++ = _mark;
        *at++ = stream;
        *at++ = _streams;
        for (var before = 0; before < stream; before++) *at++ = 0;
        *at++ = count;
        for (var token = 0; token < count; token++, at += _cellInts)
        {
            (at[0], at[1], at[_cellInts - 1]) = (token, 1, stream);
            if (HasTokens) (at[2], at[3], at[4]) = (token, token, tokens[token]);
        }
        (at[0], at[1]) = (0, Planes / 2);
        var whole = new RowSlice((nint)(at + 2), count, PlaneHeaderBytes, 0, count);
        for (var plane = 0; plane < Planes; plane++)
        {
            var header = (int*)(Rows(whole, plane) - PlaneHeaderBytes);
            (header[0], header[1], header[2]) = (_types[plane], _rowBytes[plane], 0);
        }
        var first = 0;
        foreach (var part in parts)
        {
            Copy(part, whole.Part(first, part.Count));
            first += part.Count;
        }
        var tail = (int*)(target + Size(count)) - (_streams - 1 - stream);
        for (var after = stream + 1; after < _streams; after++) *tail++ = 0;
    }

    // Up to the first plane, whichever stream it is: the streams behind it have their zeros at the end.
    private long HeaderBytes(int tokens) => PrefixBytes + 2 * sizeof(int) + (long)tokens * _cellInts * sizeof(int) + 2 * sizeof(int);
}
