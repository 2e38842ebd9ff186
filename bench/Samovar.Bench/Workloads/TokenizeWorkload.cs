using System.Text;
using Samovar.Bench.Reports;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Engine.Tokens;

namespace Samovar.Bench.Workloads;

/// <summary>
/// The time that each message of a conversation costs as text becomes tokens: it must not grow with their number. Beside it the same by
/// libllama alone, which cuts the text at its special tokens itself.
/// </summary>
internal sealed record TokenizeWorkload(string Model, int[] Messages, int UncutMax)
{
    public async Task RunAsync()
    {
        await using var engine = LlamaEngine.Load(
            new EngineOptions { ModelPath = Model, ContextTokens = 1024, Streams = 1, Threads = 1 }, TimeProvider.System);
        var tokenizer = (Tokenizer)engine.Tokenizer;
        var table = new Table("messages", "bytes", "tokens", "µs a message", "libllama alone, µs a message");
        Measure(() => tokenizer.Tokenize(Conversation(100), addSpecial: false, parseSpecial: true)); // compiled first
        foreach (var messages in Messages)
        {
            var text = Conversation(messages);
            var bytes = Encoding.UTF8.GetBytes(text);
            var (tokens, cut) = Measure(() => tokenizer.Tokenize(text, addSpecial: false, parseSpecial: true));
            var uncut = "-";
            if (messages <= UncutMax)
            {
                var (same, time) = Measure(() => tokenizer.TokenizeUncut(bytes, addSpecial: false, parseSpecial: true));
                if (!same.AsSpan().SequenceEqual(tokens)) throw new InvalidOperationException("The cut text has other tokens.");
                uncut = Figures.Show(time.TotalMicroseconds / messages, 1);
            }
            table.Row(Figures.Show(messages), Figures.Show(bytes.Length), Figures.Show(tokens.Length),
                Figures.Show(cut.TotalMicroseconds / messages, 1), uncut);
        }
    }

    private static string Conversation(int messages) =>
        string.Concat(Enumerable.Repeat("<|im_start|>user\na<|im_end|>\n", messages));

    private static (int[] Tokens, TimeSpan Took) Measure(Func<int[]> run)
    {
        var began = TimeProvider.System.GetTimestamp();
        var tokens = run();
        return (tokens, TimeProvider.System.GetElapsedTime(began));
    }
}
