namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Ends a model's words before the first of some texts. What may be the beginning of one is held back until that is
/// known.</summary>
internal sealed class StopTexts(IReadOnlyList<string> stops, IOutputSink inner) : IOutputSink
{
    private string _held = "";
    private int _sent;

    /// <summary>The text that ended the words; nothing is sent after it.</summary>
    public string? Found { get; private set; }

    /// <summary>How much text there was, with what is held back.</summary>
    public int CharactersRead => _sent + _held.Length;

    public void Text(ReadOnlySpan<char> text)
    {
        if (Found is not null) return;
        if (stops.Count == 0)
        {
            Send(text);
            return;
        }
        var all = string.Concat(_held, text);
        var (at, stop) = First(all);
        Found = stop;
        var sent = stop is null ? all.Length - Beginning(all) : at;
        _held = stop is null ? all[sent..] : "";
        if (sent > 0) Send(all.AsSpan(0, sent));
    }

    public void Reasoning(ReadOnlySpan<char> text)
    {
        if (Found is not null) return;
        Release();
        inner.Reasoning(text);
    }

    public void EndMessage()
    {
        if (Found is not null) return;
        Release();
        inner.EndMessage();
    }

    public bool BeginCall(string name) => BeginCall(name, null);

    public bool BeginCall(string name, string? writtenId)
    {
        if (Found is not null) return true;
        Release();
        return inner.BeginCall(name, writtenId);
    }

    public bool IsOffered(string name) => inner.IsOffered(name);

    public ArgumentTypes TypesOf(string name) => inner.TypesOf(name);

    public bool Offers(ReadOnlySpan<char> nameBeginning) => Found is null && inner.Offers(nameBeginning);

    public void Arguments(ReadOnlySpan<char> json)
    {
        if (Found is null) inner.Arguments(json);
    }

    public void EndCall(bool isWhole = true)
    {
        if (Found is null) inner.EndCall(isWhole);
    }

    /// <summary>Sends what was held back: nothing of the text that it began will follow.</summary>
    public void Release()
    {
        if (_held.Length > 0) Send(_held);
        _held = "";
    }

    private void Send(ReadOnlySpan<char> text)
    {
        _sent += text.Length;
        inner.Text(text);
    }

    /// <summary>The one that is whole first, and of several the longest: so it does not matter in what pieces the text comes.</summary>
    private (int At, string? Stop) First(string text)
    {
        var first = (At: text.Length, Stop: (string?)null);
        foreach (var stop in stops)
        {
            var at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at < 0) continue;
            var (end, firstEnd) = (at + stop.Length, first.Stop is null ? int.MaxValue : first.At + first.Stop.Length);
            if (end < firstEnd || (end == firstEnd && at < first.At)) first = (at, stop);
        }
        return first;
    }

    /// <summary>Characters at the end that one of the texts begins with.</summary>
    private int Beginning(string text)
    {
        for (var length = Math.Min(text.Length, stops.Max(stop => stop.Length) - 1); length > 0; length--)
            if (stops.Any(stop => stop.AsSpan().StartsWith(text.AsSpan(text.Length - length), StringComparison.Ordinal))) return length;
        return 0;
    }
}
