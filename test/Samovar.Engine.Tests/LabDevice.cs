using Samovar.Engine.Native;

namespace Samovar.Engine.Tests;

/// <summary>What the engines of these tests compute on: the CPU. Other projects play the same scenarios on another device.</summary>
internal static class LabDevice
{
    /// <summary>Fails where it cannot be used.</summary>
    public static void Need() =>
        Assert.True(LlamaLibrary.FindFolder() is not null, "libllama is not installed: run ./samovar setup --device cpu.");

    /// <summary>Settings that name it.</summary>
    public static void Choose(EngineOptions options) => options.Device = DeviceKinds.Cpu;

    /// <summary>A model whose layers lie on it.</summary>
    public static LlamaModel Load(string path)
    {
        Need();
        LlamaLibrary.Load();
        return new LlamaModel(path);
    }
}
