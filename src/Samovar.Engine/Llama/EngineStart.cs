using System.Globalization;
using Samovar.Engine.Devices;
using Samovar.Engine.Native;

namespace Samovar.Engine.Llama;

/// <summary>Loads a model onto the best device that works, and onto the CPU where none does.</summary>
/// <remarks>
/// A device can fail in four places: its library does not load (no driver), the driver crashes, the model does not fit, a decode fails. The
/// trial in a process of its own finds the first two and most of the last before this process is bound to anything; what fails here later
/// leaves the same library with its CPU. Each failure is a sentence of the warning.
/// </remarks>
/// <param name="make">Makes the engine of a loaded model; it decodes a few tokens to see that it works.</param>
internal sealed class EngineStart<TEngine>(EngineOptions options, IDeviceTrial? trial, Func<LlamaModel, DeviceFacts, TEngine> make)
    where TEngine : class
{
    private const long Mebibyte = 1L << 20;
    private readonly List<string> _faults = [];

    /// <exception cref="EngineLoadException">It does not even run on the CPU.</exception>
    public TEngine Run()
    {
        var installed = NativePackage.Installed();
        var attempts = DeviceAttempt.All(options, installed, trial is not null);
        foreach (var attempt in attempts)
            if (Try(attempt) is { } engine) return engine;
        if (attempts.Count == 0 && options.Device is not (DeviceKinds.Auto or DeviceKinds.Cpu))
            _faults.Add($"{options.Device} is not used: its library is not installed "
                + $"({Installation.Current.WayToLibrary(options.Device)})");
        LlamaLibrary.Load(LlamaLibrary.Folder ?? options.LibraryPath);
        return Make(new LlamaModel(options.ModelPath!), new DeviceFacts());
    }

    /// <summary>One device, in this process.</summary>
    /// <exception cref="EngineLoadException">It does not start, and why.</exception>
    public TEngine RunOn(DeviceAttempt attempt) => RunOn(attempt.Choose());

    private TEngine? Try(DeviceAttempt attempt)
    {
        try
        {
            if (attempt.FaultOf(trial) is not { } fault) return RunOn(attempt);
            _faults.Add($"{attempt.Label} is not used: {fault}");
        }
        catch (EngineLoadException exception)
        {
            _faults.Add($"{attempt.Label} is not used: {exception.Message}");
        }
        return null;
    }

    private TEngine RunOn(IReadOnlyList<ComputeDevice> devices)
    {
        var (layers, total, stateRoom) = LayerFit.Plan(options, ModelSize.Of(options.ModelPath!),
            ModelParts.Bytes(options.ModelPath!), LayerFit.Room(devices), ContextShape.HostRoom);
        if (layers == 0 && options.GpuLayers != 0)
            throw new EngineLoadException(string.Create(CultureInfo.InvariantCulture,
                $"its free memory ({devices.Sum(device => device.MemoryFree) / Mebibyte:N0} MiB) holds no layer of the model"));
        if (layers < total && options.GpuLayers < 0)
            _faults.Add(string.Create(CultureInfo.InvariantCulture,
                $"the free memory of {devices[0].Kind} holds {layers} of {total} layers, the CPU has the others"));
        // One more than there are: the output layer, which libllama counts, too.
        var model = new LlamaModel(options.ModelPath!, layers < total ? layers : total + 1, devices);
        return Make(model, new DeviceFacts
        {
            Kind = devices[0].Kind,
            Name = string.Join(" + ", devices.Select(device => device.Description)),
            Layers = layers,
            MemoryBytes = devices.Sum(device => device.MemoryTotal),
            StateRoom = stateRoom,
        });
    }

    private TEngine Make(LlamaModel model, DeviceFacts facts)
    {
        try
        {
            return make(model, facts with
            {
                LayersTotal = model.Layers,
                Warning = _faults.Count > 0 ? string.Join("; ", _faults) : null,
            });
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
