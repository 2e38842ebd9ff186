using System.Text;

namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Reads the arguments of a call whose name stood before them.</summary>
internal sealed class NamedCallReader(IOutputSink sink) : IArgumentsReader
{
    private readonly ArgumentReader _arguments = new();
    private readonly StringBuilder _out = new();

    public (int Taken, CallProgress Progress) Read(ReadOnlySpan<char> text, bool isLast)
    {
        var taken = 0;
        var progress = CallProgress.More;
        while (taken < text.Length && progress == CallProgress.More)
        {
            var json = _arguments.Feed(text[taken], _out);
            progress = json switch
            {
                JsonProgress.Inside => CallProgress.More,
                JsonProgress.Broken => CallProgress.BrokenOff,
                _ => CallProgress.Done,
            };
            if (json is JsonProgress.Inside or JsonProgress.Ended) taken++;
        }
        if (progress != CallProgress.More && !_arguments.Streams) _out.Append(_arguments.Whole() ?? _arguments.Held);
        foreach (var chunk in _out.GetChunks()) sink.Arguments(chunk.Span);
        _out.Clear();
        if (progress != CallProgress.More) sink.EndCall(progress == CallProgress.Done);
        return (taken, progress);
    }

    /// <summary>Ends the call where it stands: also when a limit cut it off.</summary>
    public void Abandon()
    {
        if (!_arguments.Streams && _arguments.Held.Length > 0) sink.Arguments(_arguments.Held);
        sink.EndCall(isWhole: false);
    }
}
