using Samovar.Engine.Devices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Devices;

/// <summary>How a model is laid out follows the memory that its cells lie in, and not the host's.</summary>
public sealed class LayerFitTests
{
    private const long Gibibyte = 1L << 30, Weights = 8 * Gibibyte;
    private static readonly ModelSize Model = new(32, 32_768, StateElementsPerToken: 32_768); // 2 GiB of cells for a stream

    [Theory]
    [InlineData(40, 32, 8)] // room for all that is usual
    [InlineData(13, 32, 2)] // for all layers, and two streams
    [InlineData(10, 32, 1)]
    [InlineData(6, 19, 1)]  // not for all layers: each has its part of a stream
    [InlineData(0, 0, 0)]
    public void Layers_AndStreams_FollowTheDevicesRoom(long room, int layers, int streams)
    {
        foreach (var threads in new[] { 1, 64 })
            foreach (var host in new[] { 3 * Gibibyte, 500 * Gibibyte })
            {
                var options = new EngineOptions { Threads = threads };
                var plan = LayerFit.Plan(options, Model, Weights, room * Gibibyte, host);
                Assert.Equal((layers, 32), (plan.Layers, plan.Total));
                if (layers == 0) continue;
                var shape = ContextShape.Choose(options, Model, plan.StateRoom);
                Assert.Equal(streams, shape.Streams);
                Assert.InRange((Weights + shape.CellsBytes(Model)) * layers / 32, 1, room * Gibibyte);
            }
    }

    [Theory]
    [InlineData(16, 2, 2)] // half of the cells lie where 4 GiB are left, the other half in 2 GiB
    [InlineData(16, 20, 4)]
    [InlineData(0, 4, 0)]
    public void GivenLayers_LeaveWhatBothMemoriesHold(int given, long host, long streams)
    {
        var options = new EngineOptions { GpuLayers = given, Threads = 8 };
        var plan = LayerFit.Plan(options, Model, Weights, 8 * Gibibyte, host * Gibibyte);
        Assert.Equal(given, plan.Layers);
        if (given == 0) Assert.Equal(0, plan.StateRoom);
        else Assert.Equal(streams, ContextShape.Choose(options, Model, plan.StateRoom).Streams);
    }

    [Fact]
    public void Streams_OfADevice_AreNoMatterOfTheHostsCores()
    {
        var options = new EngineOptions { Threads = 1 };
        Assert.Equal(8, ContextShape.Choose(options, Model, 100 * Gibibyte).Streams);
        Assert.InRange(ContextShape.Choose(options, Model).Streams, 1, 2);
    }
}
