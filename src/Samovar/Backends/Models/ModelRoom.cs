namespace Samovar.Backends.Models;

/// <summary>How much all loaded models may take together.</summary>
/// <remarks>
/// A bound that somebody set is of all bytes, wherever they lie. Else what lies in a device's memory is bounded by what that device has,
/// and only what is left to the host by the host's: a large GPU in a small machine is used as the GPU allows.
/// </remarks>
/// <param name="bytesMax"><c>Models:BytesMax</c>.</param>
/// <param name="isGiven">Whether somebody set it.</param>
/// <param name="deviceBytesMax">What the device has; 0 without one.</param>
internal sealed class ModelRoom(long bytesMax, bool isGiven, Func<long> deviceBytesMax)
{
    public bool Holds(ModelBytes bytes) => isGiven || deviceBytesMax() is not (> 0 and var device)
        ? bytes.Total <= bytesMax
        : bytes.Host <= bytesMax && bytes.Device <= device;

    /// <summary>Why a model alone finds no room, for operators.</summary>
    public string Fault(ModelBytes bytes)
    {
        var takes = isGiven || bytes.Device == 0 ? $"It takes {Mebibytes(bytes.Total)}"
            : $"It takes {Mebibytes(bytes.Host)} beside the device's {Mebibytes(bytes.Device)}";
        return $"{takes}, and all models together may take {Mebibytes(bytesMax)} (Models:BytesMax): a smaller context, fewer streams or "
            + "less parked memory make it smaller.";
    }

    private static string Mebibytes(long bytes) => $"{bytes >> 20} MiB";
}
