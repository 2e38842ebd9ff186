using System.CommandLine;
using Samovar.Bench.Commands;
using Samovar.Bench.Servers;

if (args is ["server", .. var rest]) return await MeasuredServer.RunAsync(rest); // its command line is the server's own

try
{
    return await BenchCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (InvalidOperationException exception) // a workload that cannot be run here, or whose turns failed
{
    await Console.Error.WriteLineAsync("bench: " + exception.Message);
    return 1;
}
