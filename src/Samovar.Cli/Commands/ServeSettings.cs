using System.CommandLine;
using Samovar.Server.Hosting;

namespace Samovar.Cli.Commands;

/// <summary>The options of <c>serve</c> and <c>up</c>; every other setting is reached through the configuration file or the
/// environment.</summary>
internal static class ServeSettings
{
    public static IReadOnlyList<Setting> All { get; } =
    [
        Setting.Number("--port", "Server:Port", "Port to listen on; 0 takes a free one. [8787]", "N"),
        Setting.Of<string>("--host", "Server:Host", "Address to listen on. [127.0.0.1]", "ADDRESS"),
        new ModelSetting(),
        Data(),
        new ClusterSetting(), // before --store: whoever says another store with it is told so
        Setting.Of<string>("--store", "Store:Kind",
            "Where stored responses are kept: memory, sqlite (in the data folder), postgres. [sqlite]", "KIND"),
        Setting.Of<string>("--cluster-address", "Cluster:Address",
            "Where the other nodes reach this one, http://HOST:PORT. [--host and --port]", "URL"),
        Setting.Of<string>("--cluster-key-file", "Cluster:KeyFile",
            "File with the key that all nodes of the cluster have: 32 characters or more.", "PATH"),
        Setting.Of<string>("--node-name", "Cluster:Name",
            "What this node is called, unlike all others. [the machine's name and the port]", "NAME"),
        Setting.Number("--ctx", "Engine:ContextTokens",
            "Longest context of one conversation in tokens. [what the model was trained for, up to 32768]", "TOKENS"),
        Setting.Number("--streams", "Engine:Streams", "Turns that run at once. [by cores]", "N"),
        Setting.Number("--threads", "Engine:Threads", "Threads of one decode. [all cores]", "N"),
        Setting.Of<string>("--kv-type", "Engine:KvType", "Type of the KV cells: f32, f16, bf16, q8_0, q4_0. [f16]", "TYPE"),
        Setting.Of<string>("--device", "Engine:Device",
            "What computes: auto, cpu, cuda, vulkan, metal. [auto: the best that works]", "DEVICE"),
        Setting.Number("--gpu-layers", "Engine:GpuLayers", "Layers on the GPU; -1 takes as many as its memory holds. [-1]", "N"),
        Setting.Of<string>("--library", "Engine:LibraryPath", "Folder of a libllama build of your own. [the npm package]", "DIR"),
        Setting.Number("--parked-bytes", "Engine:ParkedBytesMax",
            "Host memory for conversations that wait. [2147483648, or 15 % of the memory where that is less]", "BYTES"),
        Setting.Of<string>("--image-placeholder", "Embedded:ImagePlaceholder",
            "What the model reads in place of an image it cannot see. [such requests are refused]", "TEXT"),
        Setting.Of<string>("--key-file", "Auth:KeyFile", "JSON file with the keys of each tenant. [no keys]", "PATH"),
        Setting.Of<bool>("--insecure-listen", "Server:InsecureListen", "Listen beyond loopback without keys."),
        Setting.Of<string>("--log-level", "Logging:LogLevel:Default", "Trace, Debug, Information, Warning, Error. [Information]", "LEVEL"),
    ];

    /// <summary>The flags, by the settings that they stand for.</summary>
    public static IReadOnlyDictionary<string, string> Flags { get; } =
        All.ToDictionary(setting => setting.Key, setting => setting.Option.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>The data folder, which other commands look into, too.</summary>
    public static Setting Data() =>
        Setting.Of<string>("--data", "Server:DataPath", "The only folder that is written to. [samovar in your data home]", "DIR");

    /// <summary>The option that names the settings file.</summary>
    public static Option<string?> ConfigFile() => new("--config")
    {
        Description = "Settings file. [samovar.json of the working folder; where there is none, an installed program takes that of your "
            + "folder for settings]",
        HelpName = "PATH",
    };

    /// <summary>What the command line says, as configuration.</summary>
    public static Dictionary<string, string?> Read(ParseResult parsed)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var setting in All)
            foreach (var (key, value) in setting.ReadAll(parsed)) settings[key] = value;
        return settings;
    }
}
