using System.Diagnostics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Samovar.Engine.Native;

/// <summary>Loads libllama and its backends once per process and says what was loaded.</summary>
public static unsafe class LlamaLibrary
{
    private const int ErrorLevel = 4;
    private const int ContinueLevel = 5;
    private const int ErrorCharsMax = 1000; // the cause stands in the first line, the newest says only that it failed
    private static readonly Lock Gate = new();
    private static string? _folder;  // the one that is being loaded, or is
    private static bool _isLoaded;
    private static EngineLoadException? _fault;
    [ThreadStatic] private static string? _lastError;

    /// <summary>Receives libllama's log lines (ggml level: 1 debug, 2 info, 3 warning, 4 error); null keeps quiet. Any thread.</summary>
    public static Action<int, string>? LogLine { get; set; }

    /// <summary>The release's own name for itself; empty before <see cref="Load"/>.</summary>
    public static string Version { get; private set; } = "";

    /// <summary>The folder of a package beside the program that runs on the CPU, or null where none is installed.</summary>
    public static string? FindFolder() => NativePackage.Installed() is [.., var last] ? last.Folder : null;

    /// <summary>Loads libllama and the CPU's library from a folder; a second call with the same folder does nothing, and after a fault
    /// says the same again.</summary>
    /// <exception cref="EngineLoadException">The folder holds no libllama, another one is loaded already, or its layout is not the expected
    /// one.</exception>
    public static void Load(string? libraryPath = null)
    {
        lock (Gate)
        {
            var folder = libraryPath ?? FindFolder()
                ?? throw new EngineLoadException(
                    $"libllama was not found: {Installation.Current.WayToLibrary(null)}, "
                    + "or set Engine:LibraryPath to a folder that has it.");
            folder = Path.GetFullPath(folder);
            if (_fault is not null) throw new EngineLoadException(_fault.Message); // what was bound to this process stays bound
            if (_isLoaded && _folder == folder) return;
            if (_isLoaded) throw new EngineLoadException($"libllama is already loaded from {_folder}.");
            if (LibraryFiles.Find(folder, LibraryNames.Llama) is null) throw new EngineLoadException($"There is no libllama in {folder}.");
            _folder = folder;
            try
            {
                LoadFrom(folder);
                _isLoaded = true;
            }
            catch (Exception fault) when (fault is EngineLoadException or DllNotFoundException or EntryPointNotFoundException
                or BadImageFormatException)
            {
                throw _fault = new EngineLoadException(fault is EngineLoadException ? fault.Message
                    : $"The library in {folder} cannot be used: {fault.Message}");
            }
        }
    }

    private static void LoadFrom(string folder)
    {
        NativeLibrary.SetDllImportResolver(typeof(LlamaLibrary).Assembly, Resolve);
        // In this order each finds the ones that it needs among those that are loaded, wherever the platform would look for them.
        foreach (var name in (string[])[LibraryNames.GgmlCore, LibraryNames.Ggml, LibraryNames.Llama])
            if (LibraryFiles.Find(folder, name) is { } file) NativeLibrary.Load(file);
        ModelCalls.llama_log_set(&OnLog, null);
        Version = Marshal.PtrToStringUTF8((nint)ModelCalls.llama_version()) ?? "";
        new LayoutCheck(NativeLibrary.Load(LibraryFiles.Find(folder, LibraryNames.Llama)!), Version).Run();
        BackendLoader.LoadCpu(folder);
        if (!GgmlCalls.HasCpu) throw new EngineLoadException($"No CPU library in {folder} works on this machine.");
        ModelCalls.llama_backend_init();
    }

    /// <summary>The folder that is loaded; null before.</summary>
    internal static string? Folder => _isLoaded ? _folder : null;

    /// <summary>Loads the library of a device beside the CPU's.</summary>
    /// <returns>Why it does not load, null where it does.</returns>
    internal static string? LoadDevice(string device)
    {
        lock (Gate) return BackendLoader.LoadDevice(_folder!, device);
    }

    /// <summary>What libllama complained about on this thread since it was last asked; empty if nothing. Asking forgets it.</summary>
    internal static string TakeError()
    {
        var error = _lastError ?? "";
        _lastError = null;
        return error.Trim();
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) =>
        name is LibraryNames.Llama or LibraryNames.Ggml or LibraryNames.GgmlCore && LibraryFiles.Find(_folder!, name) is { } file
            ? NativeLibrary.Load(file) : 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnLog(int level, byte* text, void* data)
    {
        var line = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
        if (level == ErrorLevel) _lastError = _lastError is { Length: < ErrorCharsMax } before ? before.TrimEnd() + "; " + line : line;
        else if (level == ContinueLevel && _lastError is not null) _lastError += line;
        try
        {
            LogLine?.Invoke(level, line);
        }
        catch (Exception fault) // behind native code nobody could catch it, and a log that cannot be written is no reason to end
        {
            Debug.WriteLine(fault.Message);
        }
    }
}
