namespace Samovar.Engine.Grammars;

/// <summary>Classes of bytes that no edge of a grammar tells apart, by number.</summary>
internal sealed class ByteClasses
{
    private readonly byte[] _classes = new byte[256];

    public ByteClasses(GrammarProgram program, TriggerWatch triggers)
    {
        Span<bool> begins = stackalloc bool[257];
        foreach (var edge in program.Edges) begins[edge.Low] = begins[edge.High + 1] = true;
        foreach (var one in triggers.Bytes) begins[one] = begins[one + 1] = true;
        for (var one = 1; one < 256; one++) _classes[one] = (byte)(_classes[one - 1] + (begins[one] ? 1 : 0));
        Count = _classes[255] + 1;
    }

    public int Count { get; }

    /// <summary>One byte of a class.</summary>
    public byte First(int number) => (byte)Array.IndexOf(_classes, (byte)number);

    public int Of(byte one) => _classes[one];
}
