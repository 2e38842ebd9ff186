using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net.WebSockets;
using Samovar.Bench.Commands;
using Samovar.Bench.Servers;
using Samovar.Cli.Commands;
using Samovar.Engine;

if (args is ["server", .. var rest]) return await MeasuredServer.RunAsync(rest); // its command line is the server's own
if (args is ["node", .. var node]) return await InstantServer.RunAsync(node);

var parsed = BenchCommand.Create().Parse(args);
if (args.Length > 0 && parsed.Action is ParseErrorAction) return Shell.OfThisProcess.Fail(2, UsageFaults.Of(parsed));
try
{
    return await parsed.InvokeAsync(new InvocationConfiguration
    {
        EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(20), // servers are ended before us
    });
}
catch (Exception exception) when (exception is InvalidOperationException or EngineLoadException // a workload that cannot be run here
    or HttpRequestException or WebSocketException or IOException) // or whose turns failed
{
    await Console.Error.WriteLineAsync("bench: " + exception.Message);
    return 1;
}
