using System.Globalization;
using Samovar.Engine.Tests.Turns;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Whatever clients do, and whatever the model remembers by, every number they are told is the one of a cold run.</summary>
/// <remarks><c>KIND_TALKS=1000 dotnet Samovar.Engine.Tests.dll -class '*KindConversationTests'</c> plays 1,000 conversations on each of the
/// ten kinds; <c>KIND_SEED</c> begins with another one.</remarks>
public sealed class KindConversationTests(ColdEngines cold, ITestOutputHelper output) : IClassFixture<ColdEngines>
{
    private const int Steps = 14, WindowShare = 8;

    public static TheoryData<string> Architectures => KindLab.Architectures;

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task RandomConversations_AreBitEqualToColdOnes(string architecture)
    {
        ExactLab.NeedEqualSums("f16");
        var (first, talks) = (Asked("KIND_SEED", 0), Asked("KIND_TALKS", 1));
        var (turns, tokens, cached, evictions) = (0, 0, 0L, 0L);
        var done = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var seed = first; seed < first + talks; seed++)
        {
            var random = new Random(seed * 31 + architecture.Sum(letter => letter));
            await using var warm = KindLab.StartExact(architecture, options => Limit(options, random), WindowShare);
            var conversation = new KindConversation(warm, random);
            for (var step = 0; step < Steps; step++)
            {
                var ended = await conversation.StepAsync();
                foreach (var turn in ended)
                {
                    try { await cold.CompareAsync(architecture, turn, isBeside: ended.Count > 1, WindowShare); }
                    catch (Exception fault) { throw new InvalidOperationException($"KIND_SEED={seed}, step {step}: {turn}", fault); }
                    (turns, tokens) = (turns + 1, tokens + turn.Steps.Count);
                }
            }
            EngineAudit.Check(warm);
            foreach (var (what, count) in conversation.Done) done[what] = done.GetValueOrDefault(what) + count;
            (cached, evictions) = (cached + warm.Counters.CachedTokens, evictions + warm.Counters.Evictions);
        }
        output.WriteLine($"{architecture}: {talks} conversations, {turns} turns, {tokens} tokens equal; {cached} cached, "
            + $"{evictions} evictions; " + string.Join(", ", done.Select(one => $"{one.Key} {one.Value}")));
        Assert.True(turns >= talks * Steps && cached > talks * 100);
    }

    // One to three streams, and room for nothing, for little, for some places or for all of them.
    private static void Limit(EngineOptions options, Random random)
    {
        var shape = StateShape.Of(GgufMetadata.Read(options.ModelPath!));
        var place = shape.BytesPerSequence + shape.WindowTokens * shape.WindowBytesPerToken + 100 * shape.BytesPerToken;
        options.Streams = random.Next(1, 4);
        options.ContextTokens = 512;
        options.ParkedBytesMax = random.Next(5) switch { 0 => 0, 1 => 2 * place, 2 => 5 * place, 3 => 12 * place, _ => 1L << 30 };
    }

    private static int Asked(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var given) ? given : otherwise;
}
