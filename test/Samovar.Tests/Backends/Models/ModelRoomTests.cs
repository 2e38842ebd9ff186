using System.Reflection;
using Samovar.Backends.Models;
using Samovar.Engine;
using Samovar.Protocol.Errors;

namespace Samovar.Tests.Backends.Models;

/// <summary>How much all models may take: of the device that they lie on, of the host otherwise, or as somebody said.</summary>
public sealed class ModelRoomTests : PoolLab
{
    private static readonly ModelMemory Memory = new(MemoryKind.Plain, WeightsBytes: 60, CellsBytes: 30, ParkedBytesMax: 10);

    [Fact]
    public void Bytes_LieOnTheDevice_AsFarAsItHolds_AndWhatIsParkedNever()
    {
        Assert.Equal(new ModelBytes(100), ModelBytes.Expected(Memory, deviceBytesMax: 0));
        Assert.Equal(new ModelBytes(10, 90), ModelBytes.Expected(Memory, deviceBytesMax: 1000));
        Assert.Equal(new ModelBytes(60, 40), ModelBytes.Expected(Memory, deviceBytesMax: 40));
        Assert.Equal(new ModelBytes(100), ModelBytes.Held(Memory, new DeviceFacts()));
        Assert.Equal(new ModelBytes(10, 90), ModelBytes.Held(Memory, Gpu(layers: 32)));
        Assert.Equal(new ModelBytes(55, 45), ModelBytes.Held(Memory, Gpu(layers: 16)));
    }

    [Theory]
    [InlineData(true, 1000, 110, 0, false)] // given: of all bytes, wherever they lie
    [InlineData(true, 1000, 60, 60, false)]
    [InlineData(false, 0, 101, 0, false)]
    [InlineData(false, 1000, 100, 900, true)]
    [InlineData(false, 1000, 101, 0, false)]
    [InlineData(false, 1000, 0, 1001, false)]
    public void Room_IsTheHostsAndTheDevices(bool isGiven, long device, long onHost, long onDevice, bool holds) =>
        Assert.Equal(holds, new ModelRoom(100, isGiven, () => device).Holds(new ModelBytes(onHost, onDevice)));

    [Fact]
    public async Task DefaultRoom_IsWhatTheDeviceHas_NotTheHostsMemory()
    {
        (Options.BytesMax, IsRoomGiven, Loader.DeviceBytesMax) = (35, false, 1000); // the host holds what three of them park
        foreach (var name in new[] { "a", "b", "c" }) await UseAsync(name);
        Assert.All(Pool.Conditions, static model => Assert.Equal((ModelState.Loaded, 90L), (model.State, model.DeviceBytes)));
    }

    [Fact]
    public async Task FullDevice_HasTheModelGo_ThatWasUsedLongestAgo()
    {
        (Options.BytesMax, IsRoomGiven, Loader.DeviceBytesMax) = (1000, false, 200);
        foreach (var name in new[] { "a", "b", "c" }) await UseAsync(name);
        Assert.Equal(
            [ModelState.Unloaded, ModelState.Loaded, ModelState.Loaded], Pool.Conditions.Select(static model => model.State));
    }

    [Fact]
    public async Task HostThatCannotHoldWhatTheDeviceDoesNot_IsSaid()
    {
        (Options.BytesMax, IsRoomGiven, Loader.DeviceBytesMax) = (50, false, 30);
        await Assert.ThrowsAsync<ApiException>(() => AcquireAsync("a", Ann));
        Assert.Contains("beside the device's", Of("a").Fault!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Counts_OutliveTheirEngine_AndWhatIsHeldDoesNot()
    {
        var ones = new EngineCounters();
        foreach (var count in Counts()) count.SetValue(ones, 1L);
        Loader.Counters = ones with { TurnsRunning = 1, StreamsBusy = 1, StreamsHeld = 1 };
        Options.BytesMax = 100;
        foreach (var name in new[] { "a", "b", "a" }) await UseAsync(name);
        Assert.All(Counts().Where(static count => !IsHeld(count)), count => Assert.Equal(2L, count.GetValue(Of("a").Counters)));
        Assert.All(Counts().Where(static count => !IsHeld(count)), count => Assert.Equal(1L, count.GetValue(Of("b").Counters)));
        Assert.All(Counts().Where(IsHeld), count => Assert.Equal(0L, count.GetValue(Of("b").Counters)));
        Assert.Equal((0, 0, 0), (Of("b").Counters.TurnsRunning, Of("b").Counters.StreamsBusy, Of("b").Counters.StreamsHeld));
    }

    private static IEnumerable<PropertyInfo> Counts() =>
        typeof(EngineCounters).GetProperties().Where(static property => property.PropertyType == typeof(long));

    private static bool IsHeld(PropertyInfo count) => count.Name is nameof(EngineCounters.StreamTokens)
        or nameof(EngineCounters.ParkedBytes) or nameof(EngineCounters.ParkedBytesMax)
        or nameof(EngineCounters.DiskBytes) or nameof(EngineCounters.DiskBytesMax);

    private static DeviceFacts Gpu(int layers) => new()
    {
        Kind = DeviceKinds.Cuda, Name = "a GPU", Layers = layers, LayersTotal = 32, MemoryBytes = 24L << 30,
    };
}
