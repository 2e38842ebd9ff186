using Samovar.Engine.Native;

namespace Samovar.Engine.Devices;

/// <summary>Computes the largest batches on a device before anything else.</summary>
/// <remarks>
/// The device's programs are made now, and not while a first turn waits; and buffers of a decode, which ggml makes when a batch first needs
/// them, have their full size: where the device's memory does not hold them, that shows while the CPU can still take its place.
/// </remarks>
internal static class DeviceWarmup
{
    /// <exception cref="EngineLoadException">It cannot compute them.</exception>
    public static void Run(LlamaContext context, ContextShape shape, int token)
    {
        Decode(Enumerable.Range(0, Math.Min(shape.BatchTokens, shape.ContextTokens)).Select(at => (Stream: 0, At: at)));
        Decode(Enumerable.Range(0, shape.Streams).Select(stream => (Stream: stream, At: 0)));

        void Decode(IEnumerable<(int Stream, int At)> places)
        {
            context.ClearBatch();
            foreach (var (stream, at) in places) context.Add(token, at, stream, output: at == 0);
            var result = context.Decode();
            context.Wait();
            for (var stream = 0; stream < shape.Streams; stream++) context.Empty(stream);
            if (result != DecodeResult.Done) throw new EngineLoadException($"The device does not decode. {LlamaLibrary.TakeError()}");
        }
    }
}
