using System.Threading.Channels;
using Samovar.Engine;
using Samovar.Templates;
using Samovar.Testing.Engines;

namespace Samovar.Bench.Servers;

/// <summary>
/// An engine that takes no time: every turn says the same few tokens at once. What is left of a turn is the server's own.
/// </summary>
/// <param name="tokensMin">At least about so many tokens are said.</param>
internal sealed class InstantEngine(FakeTokenizer tokenizer, string template, int tokensMin = 0) : ISequenceEngine
{
    private const string Says = "as you wish";

    public static InstantEngine Saying(int tokensMin) => new(
        new FakeTokenizer([new("<|im_start|>"), new("<|im_end|>", EndsTurn: true)], end: "<|im_end|>"), BuiltInTemplates.ChatMlSource,
        tokensMin);

    public ModelFacts Model { get; } = new()
    {
        Name = "instant", Path = "instant.gguf", Architecture = "none", Identity = "instant", Parameters = 1, TrainedContext = 1 << 30,
        ContextTokens = 1 << 30, Streams = 1, StateBytesPerToken = 1, ChatTemplate = template, CanTruncate = true, LibraryVersion = "0",
    };

    public ITokenizer Tokenizer => tokenizer;
    public EngineCounters Counters { get; } = new();

    public EngineAdmission Begin(EngineTurnSpec spec) => new EngineAdmission.Admitted(new Turn(spec, tokenizer, tokensMin));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Turn : EngineTurn
    {
        private readonly Channel<TokenStep> _steps = Channel.CreateUnbounded<TokenStep>();

        public Turn(EngineTurnSpec spec, FakeTokenizer tokenizer, int tokensMin)
        {
            var words = string.Concat(Enumerable.Repeat(Says, 1 + tokensMin / Says.Length));
            var said = tokenizer.Tokenize(words, addSpecial: false, parseSpecial: false);
            foreach (var token in said) _steps.Writer.TryWrite(new TokenStep(token, tokenizer.Piece(token), IsEnd: false, null, null));
            var end = tokenizer.EndOfTurn!.Value;
            _steps.Writer.TryWrite(new TokenStep(end, ReadOnlyMemory<byte>.Empty, IsEnd: true, null, null));
            _steps.Writer.Complete();
            var cached = spec.ContinueFrom?.Path.Length ?? 0;
            var path = spec.Prompt.Append((int[])[.. said, end]);
            Ended = Task.FromResult(new EngineTurnEnd
            {
                Kind = EngineTurnEndKind.EndOfGeneration, CachedTokens = cached, PrefilledTokens = spec.Prompt.Length - cached,
                OutputTokens = said.Length + 1, Path = path, Pin = new Held(path), Source = CacheSource.OwnStream,
            });
        }

        public override ChannelReader<TokenStep> Steps => _steps.Reader;
        public override Task Started => Task.CompletedTask;
        public override Task<EngineTurnEnd> Ended { get; }
        public override void Cancel() { }
        public override void Stop() { }
    }

    private sealed class Held(TokenPath path) : SequencePin
    {
        public override TokenPath Path => path;
        public override void Dispose() { }
    }
}
