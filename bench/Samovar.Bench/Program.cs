using System.CommandLine;
using Samovar.Bench.Commands;
using Samovar.Bench.Servers;

if (args is ["server", .. var rest]) return await MeasuredServer.RunAsync(rest); // its command line is the server's own

var root = new RootCommand("Samovar's benchmarks: Markdown tables, one workload each.");
foreach (var command in EngineCommands.All().Concat(GatewayCommands.All())) root.Add(command);
try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (InvalidOperationException exception) // a workload that cannot be run here, or whose turns failed
{
    await Console.Error.WriteLineAsync("bench: " + exception.Message);
    return 1;
}
