namespace Samovar.Engine;

/// <summary>What the engine computes on.</summary>
public sealed record DeviceFacts
{
    /// <summary>cpu, cuda, vulkan, metal, or what another backend calls itself.</summary>
    public string Kind { get; init; } = DeviceKinds.Cpu;

    /// <summary>What the maker calls it.</summary>
    public string Name { get; init; } = "CPU";

    /// <summary>Layers of the model that lie on it; none of them for the CPU, which has all that no device has.</summary>
    public int Layers { get; init; }
    public int LayersTotal { get; init; }

    /// <summary>All of its memory; 0 for the CPU.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Of its memory, what the weights and cells of this model's layers take.</summary>
    public long MemoryTakenBytes { get; init; }

    /// <summary>Bytes for cells where it has some of them; 0 where all lie in the host's memory.</summary>
    internal long StateRoom { get; init; }

    /// <summary>Why it is not what was asked for, or what could have been expected of the installed library; null where it is.</summary>
    public string? Warning { get; init; }
}
