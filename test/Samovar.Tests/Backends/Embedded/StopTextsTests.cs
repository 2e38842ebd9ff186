using System.Text;
using Samovar.Backends.Embedded.Dialects;

namespace Samovar.Tests.Backends.Embedded;

public sealed class StopTextsTests
{
    /// <summary>However the text comes in pieces, it is sent up to the first stop, and nothing is sent that turns out to belong to
    /// one.</summary>
    [Fact]
    public void Text_EndsBeforeTheFirstStop_HoweverItIsCut()
    {
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var text = Letters(random, random.Next(0, 20));
            string[] stops = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => Letters(random, random.Next(1, 5)))];
            var sink = new TextSink();
            var stopping = new StopTexts(stops, sink);
            for (var at = 0; at < text.Length;)
            {
                var length = random.Next(1, 4);
                stopping.Text(text.AsSpan(at, Math.Min(length, text.Length - at)));
                at += length;
            }
            if (stopping.Found is null) stopping.Release();
            var (seen, found) = First(text, stops);
            Assert.Equal(seen, sink.BackendAnswer.ToString());
            Assert.Equal(found, stopping.Found);
        }
    }

    /// <summary>Letter by letter: the first stop that is whole ends the text.</summary>
    private static (string BackendAnswer, string? Stop) First(string text, string[] stops)
    {
        for (var end = 1; end <= text.Length; end++)
        {
            var whole = stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length);
            if (whole is not null) return (text[..(end - whole.Length)], whole);
        }
        return (text, null);
    }

    private static string Letters(Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(2))));

    private sealed class TextSink : IOutputSink
    {
        public StringBuilder BackendAnswer { get; } = new();

        public void Text(ReadOnlySpan<char> text) => BackendAnswer.Append(text);
        public void Reasoning(ReadOnlySpan<char> text) { }
        public bool BeginCall(string name) => false;
        public bool Offers(ReadOnlySpan<char> nameBeginning) => false;
        public void Arguments(ReadOnlySpan<char> json) { }
        public void EndCall(bool isWhole = true) { }
    }
}
