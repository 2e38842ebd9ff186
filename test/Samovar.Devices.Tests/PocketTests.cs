using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Engine.Tests;

namespace Samovar.Devices.Tests;

/// <summary>A trained model says on a device what it says on the CPU: parked, restored and forked, with the settings of a server.</summary>
public sealed class PocketTests(ITestOutputHelper output)
{
    private const int Rounds = 3, Output = 8, Streams = 1;

    private static readonly string[] Questions =
    [
        "List the files of this folder.", "Read notes.txt and say what is in it.", "Now add a line to it.", "Say who wrote it.",
    ];

    [Fact]
    public async Task Pocket_SaysWhatItSaysOnTheCpu_ParkedRestoredAndForked()
    {
        LabDevice.Need();
        await using var device = Start(DeviceKinds.Vulkan);
        await using var cpu = Start(DeviceKinds.Cpu);
        Assert.Equal((DeviceKinds.Vulkan, DeviceKinds.Cpu), (device.Model.Device.Kind, cpu.Model.Device.Kind));
        var (onDevice, onCpu) = (await TalkAsync(device), await TalkAsync(cpu));
        var counted = device.Counters;
        output.WriteLine($"Pocket on {LabDevice.Device.Description}: {counted.CachedTokens} of "
            + $"{counted.CachedTokens + counted.PrefilledTokens} prompt tokens cached; {counted.Parks} parks, {counted.Restores} restores, "
            + $"{counted.AcceptedTokens} of {counted.DraftedTokens} drafted tokens taken; "
            + $"{onDevice.Zip(onCpu).Count(pair => pair.First == pair.Second)} of {onCpu.Count} answers are the CPU's");
        Assert.Equal(onCpu, onDevice);
        Assert.True(counted is { Parks: > 2, Restores: > 2 } && counted.CachedTokens > counted.PrefilledTokens);
        EngineAudit.Check(device);
    }

    // Two conversations that take the one stream from each other, then a third that leaves the first one's middle.
    private static async Task<List<string>> TalkAsync(LlamaEngine engine)
    {
        var said = new List<string>();
        (TokenPath Path, SequencePin? Pin)[] talks = [(TokenPath.Empty, null), (TokenPath.Empty, null)];
        EngineTurnEnd? middle = null;
        for (var round = 0; round < Rounds; round++)
            for (var talk = 0; talk < talks.Length; talk++)
            {
                var end = await AskAsync(engine, said, talks[talk].Path, talks[talk].Pin, Questions[(round + talk) % Questions.Length]);
                talks[talk] = (end.Path, end.Pin);
                if (round == 1 && talk == 0) middle = end;
            }
        await AskAsync(engine, said, middle!.Path, middle.Pin, "Do the other thing.");
        return said;
    }

    private static async Task<EngineTurnEnd> AskAsync(
        LlamaEngine engine, List<string> said, TokenPath path, SequencePin? pin, string question)
    {
        var text = (path.Length == 0 ? "<|im_start|>system\nYou are a helpful agent with a shell.<|im_end|>\n" : "<|im_end|>\n")
            + $"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n";
        var prompt = path.Append(engine.Tokenizer.Tokenize(text, addSpecial: false, parseSpecial: true));
        var (end, steps) = await EngineLab.RunAsync(engine, EngineLab.Spec(prompt, Output, pin) with
        {
            Sampling = new SamplingSettings { Temperature = 0 },
        });
        said.Add(string.Join(' ', steps.Select(step => step.Token)));
        return end;
    }

    private static LlamaEngine Start(string device) => EngineLab.Start(options =>
    {
        options.ModelPath = Path.Combine(LabDevice.Root, "models", "pocket", "pocket.gguf");
        (options.ContextTokens, options.Streams, options.BatchTokens, options.KvType) = (512, Streams, 32, "f16");
        (options.DraftTokensMax, options.Device) = (8, device);
    });
}
