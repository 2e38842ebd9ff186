using System.Buffers;

namespace Samovar.Templates.Values;

/// <summary>The one pooled buffer a render writes into; a captured part (a macro's result, JSON text) is cut off its end.</summary>
internal sealed class RenderBuffer(int charsMax) : IDisposable
{
    private const int InitialChars = 4096;

    private char[] _chars = ArrayPool<char>.Shared.Rent(InitialChars);

    public int Length { get; private set; }

    public void Write(ReadOnlySpan<char> text)
    {
        Reserve(text.Length);
        text.CopyTo(_chars.AsSpan(Length));
        Length += text.Length;
    }

    public void Write(char one)
    {
        Reserve(1);
        _chars[Length++] = one;
    }

    public void Write(char one, int count)
    {
        Reserve(count);
        _chars.AsSpan(Length, count).Fill(one);
        Length += count;
    }

    /// <summary>Takes away what was written since <paramref name="mark"/>, an earlier <see cref="Length"/>.</summary>
    public string Cut(int mark)
    {
        var text = new string(_chars, mark, Length - mark);
        Length = mark;
        return text;
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_chars);
        _chars = [];
        Length = 0;
    }

    private void Reserve(int more)
    {
        var needed = (long)Length + more;
        if (needed <= _chars.Length)
        {
            if (needed > charsMax)
                throw TooLong();
            return;
        }
        if (needed > charsMax)
            throw TooLong();
        var larger = ArrayPool<char>.Shared.Rent((int)Math.Min(Math.Max(needed, _chars.Length * 2L), Array.MaxLength));
        _chars.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<char>.Shared.Return(_chars);
        _chars = larger;
    }

    private TemplateException TooLong() => new($"The template writes more than {charsMax} characters.");
}
