using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;
using Samovar.Engine;
using Samovar.Templates;
using Samovar.Testing.Engines;

namespace Samovar.Bench.Servers;

/// <summary>
/// An engine that computes nothing and says as many tokens as it is allowed, at a pace. Each token is the time at which it was said, on
/// the clock that all processes of a machine share: whoever reads it knows how long it took to come.
/// </summary>
internal sealed class PacedEngine(FakeTokenizer tokenizer, string template, TimeSpan pace) : ISequenceEngine
{
    /// <summary>Tokens that a turn says at its beginning without a pause: as few as a client may ask for.</summary>
    public const int AtOnce = 16;

    private const int TokensMax = 4096;

    public static PacedEngine Saying(TimeSpan pace) => new(
        new FakeTokenizer([new("<|im_start|>"), new("<|im_end|>", EndsTurn: true)], end: "<|im_end|>"), BuiltInTemplates.ChatMlSource,
        pace);

    public ModelFacts Model { get; } = new()
    {
        Name = "instant", Path = "instant.gguf", Architecture = "none", Identity = "instant", Parameters = 1, TrainedContext = 1 << 30,
        ContextTokens = 1 << 30, Streams = 1, StateBytesPerToken = 1, ChatTemplate = template, CanTruncate = true, LibraryVersion = "0",
    };

    public ITokenizer Tokenizer => tokenizer;
    public EngineCounters Counters { get; } = new();

    public EngineAdmission Begin(EngineTurnSpec spec) => new EngineAdmission.Admitted(
        new Turn(spec, tokenizer.Tokenize(".", addSpecial: false, parseSpecial: false)[0], pace));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Turn : EngineTurn
    {
        private readonly Channel<TokenStep> _steps = Channel.CreateUnbounded<TokenStep>();
        private readonly EngineTurnSpec _spec;
        private readonly int _token;
        private volatile bool _isCancelled, _isStopped;

        public Turn(EngineTurnSpec spec, int token, TimeSpan pace)
        {
            (_spec, _token) = (spec, token);
            Ended = SayAsync(Math.Min(spec.OutputTokensMax, TokensMax), pace);
        }

        public override ChannelReader<TokenStep> Steps => _steps.Reader;
        public override Task Started => Task.CompletedTask;
        public override Task<EngineTurnEnd> Ended { get; }
        public override void Cancel() => _isCancelled = true;
        public override void Stop() => _isStopped = true;

        private async Task<EngineTurnEnd> SayAsync(int count, TimeSpan pace)
        {
            var said = 0;
            for (; said < count && !_isCancelled && !_isStopped; said++)
            {
                if (said >= AtOnce && pace > TimeSpan.Zero) await Task.Delay(pace);
                _steps.Writer.TryWrite(new TokenStep(_token, Piece(), IsEnd: false, null, null));
            }
            _steps.Writer.Complete();
            return End(_isCancelled ? EngineTurnEndKind.Cancelled : _isStopped ? EngineTurnEndKind.Stopped
                : EngineTurnEndKind.OutputLimit, said);
        }

        private static byte[] Piece() =>
            Encoding.ASCII.GetBytes(Stopwatch.GetTimestamp().ToString(CultureInfo.InvariantCulture) + " ");

        private EngineTurnEnd End(EngineTurnEndKind kind, int said)
        {
            var cached = _spec.ContinueFrom?.Path.Length ?? 0;
            var path = _spec.Prompt.Append((int[])[.. Enumerable.Repeat(_token, said)]);
            return new EngineTurnEnd
            {
                Kind = kind, CachedTokens = cached, PrefilledTokens = _spec.Prompt.Length - cached, OutputTokens = said, Path = path,
                Pin = new Held(path), Source = CacheSource.OwnStream,
            };
        }
    }

    private sealed class Held(TokenPath path) : SequencePin
    {
        public override TokenPath Path => path;
        public override void Dispose() { }
    }
}
