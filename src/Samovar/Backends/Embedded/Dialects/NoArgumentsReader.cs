namespace Samovar.Backends.Embedded.Dialects;

/// <summary>Ends a call that has nothing where its arguments would stand, as models write for tools that take none.</summary>
internal sealed class NoArgumentsReader(IOutputSink sink) : IArgumentsReader
{
    public (int Taken, CallProgress Progress) Read(ReadOnlySpan<char> text, bool isLast)
    {
        sink.Arguments("{}");
        sink.EndCall();
        return (0, CallProgress.Done);
    }

    public void Abandon() => sink.EndCall(isWhole: false);
}
