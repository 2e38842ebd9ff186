namespace Samovar.Engine;

/// <summary>
/// Finds out whether a device works, where a driver that crashes harms nobody: a fault in native code cannot be caught in the process that
/// serves.
/// </summary>
public interface IDeviceTrial
{
    /// <summary>Loads the library with this device and computes something on it. Takes up to its time limit; blocks.</summary>
    /// <param name="folder">Folder of the library.</param>
    /// <param name="device">One of <see cref="DeviceKinds"/>; <c>auto</c> takes the best one that is no software.</param>
    /// <returns>Why it does not work, in one line; null where it does.</returns>
    string? FaultOf(string folder, string device);
}
