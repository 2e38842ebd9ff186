using System.Text.Json;
using Samovar.Backends.Models;

namespace Samovar.Server.Http;

/// <summary>What a loaded model takes of memory.</summary>
/// <param name="Kind">How it remembers: plain, sliding_window, hybrid, recurrent.</param>
/// <param name="WeightsBytes">Of its files.</param>
/// <param name="CellsBytes">Of the state that its streams can hold.</param>
/// <param name="ParkedBytesMax">What its conversations that wait may take beside.</param>
/// <param name="DeviceBytes">Of weights and cells, what lies in a GPU's memory.</param>
internal sealed record MemoryStatus(string Kind, long WeightsBytes, long CellsBytes, long ParkedBytesMax, long DeviceBytes)
{
    /// <returns>Null where nothing is known, as while it is not loaded.</returns>
    public static MemoryStatus? Of(ModelCondition model) => model.Memory is not { } memory ? null : new(
        JsonNamingPolicy.SnakeCaseLower.ConvertName(memory.Kind.ToString()), memory.WeightsBytes, memory.CellsBytes,
        memory.ParkedBytesMax, model.DeviceBytes);
}
