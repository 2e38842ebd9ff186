using System.CommandLine;
using Samovar.Engine;
using Samovar.Engine.Devices;
using Samovar.Engine.Llama;

namespace Samovar.Cli.Commands;

/// <summary><c>try-device</c>, which the server asks before it relies on a GPU: a driver may end this process without harm.</summary>
internal static class TryDeviceCommand
{
    public const string Name = "try-device";
    private const string ReasonMark = "try-device: ";
    private const int Fails = 1;
    private const int ContextTokens = 256;

    public static Command Create(TimeProvider time)
    {
        var library = new Option<string>("--library") { Required = true, Description = "Folder of the library.", HelpName = "DIR" };
        var device = new Option<string>("--device") { Required = true, Description = "The device to try.", HelpName = "DEVICE" };
        var model = new Option<string>("--model") { Required = true, Description = "A small model to compute.", HelpName = "PATH" };
        var command = new Command(Name, "Compute something on a device.") { library, device, model };
        command.Hidden = true;
        command.SetAction((parsed, _) =>
            TryAsync(time, parsed.GetValue(library)!, parsed.GetValue(device)!, parsed.GetValue(model)!, Console.Error));
        return command;
    }

    /// <summary>The reason among the lines of a trial; null where it ended before it could give one.</summary>
    public static string? ReasonIn(IEnumerable<string> lines) =>
        lines.LastOrDefault(line => line.StartsWith(ReasonMark, StringComparison.Ordinal))?[ReasonMark.Length..];

    private static async Task<int> TryAsync(TimeProvider time, string library, string device, string model, TextWriter error)
    {
        var options = new EngineOptions { ModelPath = model, Device = device, ContextTokens = ContextTokens, Streams = 1, Threads = 1 };
        try
        {
            var attempt = new DeviceAttempt(library, device, IsNamed: device != DeviceKinds.Auto);
            await using var engine = LlamaEngine.LoadOn(options, time, attempt); // it decodes to learn how states are laid out
            return 0;
        }
        catch (EngineLoadException exception)
        {
            await error.WriteLineAsync(ReasonMark + exception.Message.ReplaceLineEndings(" "));
            return Fails;
        }
    }
}
