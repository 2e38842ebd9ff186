using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Samovar.Cli.Agents;
using Samovar.Cli.Cluster;
using Samovar.Cli.Connect;
using Samovar.Cli.Models;
using Samovar.Cli.Prefixes;
using Samovar.Cli.Pull;
using Samovar.Cli.Top;
using Samovar.Cli.Traces;

namespace Samovar.Cli.Commands;

/// <summary>The command line: <c>samovar COMMAND</c>.</summary>
internal static class SamovarCommand
{
    private const int BadUsage = 2, Failed = 1;
    private const int HelpColumns = 110;

    /// <summary>Those that end when they are asked to. A server and <c>top</c> watch for signals themselves; the others have nothing to
    /// end, and the system ends them.</summary>
    private static readonly HashSet<string> Stoppable = new(StringComparer.Ordinal)
    {
        "pull", "agent", "chat", "connect", "cluster", "trace", "why", "prefix",
    };

    public static Command Create(TimeProvider time, Shell shell) =>
        new("samovar", "Samovar keeps an agent's conversation, tokens and KV cache warm between its turns.")
    {
        new HelpOption { Action = new HelpAction { MaxWidth = HelpColumns } }, // the launcher shows the same pages without a build
        new VersionOption(),
        ServeCommand.Create("up", "Serve the best model at hand.", findsModel: true, shell),
        ServeCommand.Create("serve", "Serve the model given with --model.", findsModel: false, shell),
        EdgeCommand.Create(shell),
        Pull(time, shell),
        ConfigCommand.Create(shell),
        Model(time, shell),
        TopCommand.Create(time),
        ClusterCommand.Create(),
        TraceCommand.Create(),
        WhyCommand.Create(),
        PrefixCommand.Create(),
        ConnectCommand.Create(time, shell.Variables, Console.In),
        AgentCommand.Create(time),
        ChatCommand.Create(time),
        TryDeviceCommand.Create(time),
        NativeDeviceCommand.Create(shell),
    };

    private static Command Model(TimeProvider time, Shell shell)
    {
        var data = new DataFolder(shell.Variables);
        return ModelCommand.Create(time, data.Options, data.Read, shell.Output, (code, line) => shell.Fail(code, line));
    }

    private static Command Pull(TimeProvider time, Shell shell)
    {
        var data = new DataFolder(shell.Variables);
        return PullCommand.Create(time, data.Options, data.Read);
    }

    /// <returns>0 well, 1 it failed, 2 the command line or the settings are wrong, 130 or 143 it was stopped by a signal.</returns>
    public static async Task<int> RunAsync(string[] args, TimeProvider time, Shell shell)
    {
        try { return await InvokeAsync(args, time, shell); }
        catch (Exception exception) when (WorldFault.Is(exception))
        {
            try { return shell.Fail(Failed, WorldFault.Of(exception)); }
            catch (Exception unsaid) when (WorldFault.Is(unsaid)) { return Failed; } // there is nowhere to say it
        }
    }

    private static async Task<int> InvokeAsync(string[] args, TimeProvider time, Shell shell)
    {
        var parsed = Create(time, shell).Parse(args);
        if (args.Length > 0 && parsed.Action is ParseErrorAction) return shell.Fail(BadUsage, UsageFaults.Of(parsed));
        // The server drains at its own pace, and agents end by themselves: no deadline from here.
        var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
        using var signals = Stoppable.Contains(NameOf(parsed)) ? StopSignal.Watch(shell.Error) : null;
        try
        {
            var exitCode = await parsed.InvokeAsync(invocation, signals?.UserGone ?? CancellationToken.None);
            return parsed.Errors.Count > 0 ? BadUsage : exitCode == 0 ? 0 : signals?.Status ?? exitCode;
        }
        catch (OperationCanceledException) when (signals?.Status is not null) { return signals.Status.Value; }
        catch (UsageException exception) { return shell.Fail(BadUsage, exception.Message); }
        catch (NoServerException exception) { return shell.Fail(Failed, exception.Message); }
    }

    /// <summary>The word behind <c>samovar</c>.</summary>
    private static string NameOf(ParseResult parsed)
    {
        var result = parsed.CommandResult;
        while (result.Parent is CommandResult { Parent: not null } outer) result = outer;
        return result.Command.Name;
    }
}
