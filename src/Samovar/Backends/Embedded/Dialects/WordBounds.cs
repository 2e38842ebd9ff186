namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Says whether a character of an expression without quotes around it is within its brackets, or a text in them.</summary>
internal sealed class WordBounds
{
    private int _depth;
    private char _quote; // of the text within that is read; 0: none
    private bool _isEscaped;
    private char _last; // before the one that is read

    /// <summary>Whether a bracket has not come to its end.</summary>
    public bool IsOpen => _depth > 0;

    public void Begin() => (_depth, _quote, _isEscaped, _last) = (0, '\0', false, '\0');

    /// <summary>The next character: an opening bracket is within, and so is the closing one that ends it.</summary>
    public bool IsWithin(char one)
    {
        var isWithin = Reads(one);
        _last = one;
        return isWithin;
    }

    private bool Reads(char one)
    {
        if (_quote != '\0')
        {
            if (!_isEscaped && one == _quote) _quote = '\0';
            _isEscaped = !_isEscaped && one == '\\';
            return true;
        }
        if (one is '(' or '[' or '{')
        {
            _depth++;
            return true;
        }
        if (_depth == 0) return false;
        if (one is ')' or ']' or '}') _depth--;
        else if (one is '"' or '\'' && !char.IsLetterOrDigit(_last)) _quote = one; // behind a letter it is an apostrophe
        return true;
    }
}
