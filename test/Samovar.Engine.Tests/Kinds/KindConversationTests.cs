using Samovar.Engine.Tests.Turns;
using Samovar.Testing;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Whatever clients do, whatever becomes of the engine, its memory and its files, and whatever the model remembers by: every
/// number that they are told is the one of a cold run, and all that is held is what its tokens make.</summary>
/// <remarks><c>KIND_TALKS=1000 dotnet Samovar.Engine.Tests.dll -class '*KindConversationTests'</c> plays 1,000 conversations on each of the
/// ten kinds; <c>KIND_SEED</c> begins with another one.</remarks>
public sealed class KindConversationTests(ColdEngines cold, ITestOutputHelper output) : IClassFixture<ColdEngines>
{
    private const int Steps = 8, WindowShare = KindLab.ShortWindows, PlacesMax = 2;
    private readonly SortedDictionary<string, long> _done = new(StringComparer.Ordinal);
    private int _turns, _places;

    public static TheoryData<string> Architectures => KindLab.Architectures;

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task RandomConversations_AreBitEqualToColdOnes(string architecture)
    {
        ExactLab.NeedEqualSums("f16");
        var (first, talks) = (Asked.Number("KIND_SEED", 100), Asked.Number("KIND_TALKS", 2));
        for (var seed = first; seed < first + talks; seed++) await PlayAsync(architecture, seed);
        output.WriteLine($"{architecture}: {talks} conversations, {_turns} turns, {_places} places; "
            + string.Join(", ", _done.Select(one => $"{one.Key} {one.Value}")));
        Assert.True(_turns >= talks * Steps && _done["cached"] > talks * 100);
    }

    private async Task PlayAsync(string architecture, int seed)
    {
        var random = new Random(seed * 31 + architecture.Sum(letter => letter));
        await using var warm = new LastingEngine(architecture, random, WindowShare);
        var conversation = new KindConversation(warm, random);
        var at = "its first step";
        try
        {
            for (var step = 0; step < Steps; step++)
            {
                at = $"step {step}";
                var ended = await conversation.StepAsync();
                foreach (var turn in ended)
                {
                    at = $"step {step}, {turn}";
                    await cold.CompareAsync(architecture, turn, isBeside: ended.Count > 1, WindowShare);
                }
                _turns += ended.Count;
                await EngineAudit.CheckBetweenStepsAsync(warm.Now);
                at = $"what came behind step {step}";
                await warm.HappenAsync();
                await EngineAudit.CheckBetweenStepsAsync(warm.Now);
            }
            at = "its end";
            _places += await cold.CheckAsync(architecture, warm.Now, random, PlacesMax, WindowShare);
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"{architecture}, KIND_SEED={seed}, {at}: {fault.Message}", fault);
        }
        await warm.DisposeAsync();
        foreach (var (what, count) in conversation.Done) _done[what] = _done.GetValueOrDefault(what) + count;
        foreach (var (what, count) in warm.Done) _done[what] = _done.GetValueOrDefault(what) + count;
    }
}
