using System.Globalization;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Engine.Tests;
using Samovar.Engine.Tests.Turns;

namespace Samovar.Devices.Tests;

/// <summary>Random conversations say what they say cold, whatever was forked, copied, cancelled, parked, evicted and restored between a
/// device's memory and the host's.</summary>
/// <remarks><c>DEVICE_TALKS=50 dotnet Samovar.Devices.Tests.dll -class '*DeviceTalkTests'</c> plays 50 conversations on each
/// kind.</remarks>
public sealed class DeviceTalkTests(ITestOutputHelper output)
{
    private const int Steps = 7, Usual = 1;

    public static TheoryData<string> Architectures => DeviceLab.Architectures;

    [Theory]
    [MemberData(nameof(Architectures))]
    public async Task RandomConversations_SayWhatTheySayCold(string architecture)
    {
        LabDevice.Need();
        await using var cold = DeviceLab.Start(architecture, options => options.ParkedBytesMax = 0);
        Assert.Equal((DeviceKinds.Vulkan, cold.Model.Device.LayersTotal), (cold.Model.Device.Kind, cold.Model.Device.Layers));
        var place = cold.Model.StateBytesPerSequence + 40L * cold.Model.StateBytesPerToken;
        var (turns, tokens, counted) = (0, 0, new EngineCounters());
        for (var seed = 0; seed < Seeds(); seed++)
        {
            var random = new Random(seed * 19 + 7);
            await using var warm = DeviceLab.Start(architecture, options => options.ParkedBytesMax = (seed % 3) switch
            {
                0 => 6 * place,
                1 => 1 << 30,
                _ => 4 * place,
            });
            var talk = new RandomTalk(warm, random, DeviceLab.Tokens, DeviceLab.NoEnd);
            for (var step = 0; step < Steps; step++)
                foreach (var (prompt, steps) in await talk.StepAsync())
                {
                    await CompareAsync(cold, prompt, steps);
                    (turns, tokens) = (turns + 1, tokens + steps.Count);
                }
            EngineAudit.Check(warm);
            counted = Sum(counted, warm.Counters);
        }
        output.WriteLine($"{architecture} on {LabDevice.Device.Description}: {turns} turns, {tokens} tokens as cold; "
            + $"{counted.CachedTokens} prompt tokens cached, {counted.PrefilledTokens} computed; {counted.Parks} parks, "
            + $"{counted.Restores} restores, {counted.Evictions} evictions");
        Assert.True(turns >= Steps && counted is { CachedTokens: > 40, Restores: > 0 });
    }

    private static async Task CompareAsync(LlamaEngine cold, TokenPath prompt, List<TokenStep> warm)
    {
        if (warm.Count == 0) return;
        var spec = EngineLab.Spec(TokenPath.Empty.Append(prompt.ToArray()), warm.Count, scope: Guid.NewGuid().ToString());
        var (end, steps) = await EngineLab.RunAsync(cold, DeviceLab.Greedy(spec));
        Assert.Equal(0, end.CachedTokens);
        DeviceLab.AssertSame(cold.Model.Architecture, steps, warm);
    }

    private static EngineCounters Sum(EngineCounters one, EngineCounters other) => one with
    {
        CachedTokens = one.CachedTokens + other.CachedTokens, PrefilledTokens = one.PrefilledTokens + other.PrefilledTokens,
        Parks = one.Parks + other.Parks, Restores = one.Restores + other.Restores, Evictions = one.Evictions + other.Evictions,
    };

    private static int Seeds() => int.TryParse(
        Environment.GetEnvironmentVariable("DEVICE_TALKS"), CultureInfo.InvariantCulture, out var given) ? given : Usual;
}
