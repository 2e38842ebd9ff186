using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Backends;
using Samovar.Backends.Embedded;
using Samovar.Protocol.Ids;
using Samovar.Server.Hosting;
using Samovar.Storage.Sql;

namespace Samovar.Bench.Servers;

/// <summary>The whole server in a process of its own with an engine that takes no time: its settings are the environment's, and it stops
/// as <c>serve</c> does.</summary>
internal static class InstantServer
{
    /// <summary>What a workload starts.</summary>
    /// <param name="pace">From one token to the next.</param>
    public static string[] Program(TimeSpan pace) =>
        ["Samovar.Bench.dll", "node", pace.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)];

    /// <param name="arguments">Milliseconds of the pace, and <c>serve --port N</c>.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var parent = Task.Factory.StartNew(EndWithInput, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var pace = TimeSpan.FromMilliseconds(double.Parse(arguments[0], CultureInfo.InvariantCulture));
        await using var engine = PacedEngine.Saying(pace);
        await using var backend = new EmbeddedBackend(
            engine, new EmbeddedOptions(), TimeProvider.System, new IdSource(), NullLogger<EmbeddedBackend>.Instance);
        await using var app = SamovarHost.Build(
            [new("Server:Port", arguments[^1])], configPath: null, services => services.AddSingleton<IBackend>(backend));
        var errors = SamovarHost.Check(app);
        foreach (var error in errors) await Console.Error.WriteLineAsync(error);
        if (errors.Count > 0) return 2;
        app.Services.GetService<SqlStore>()?.Begin();
        Console.WriteLine("Samovar is ready: " + await SamovarHost.StartAsync(app));
        await SamovarHost.WaitAndStopAsync(app);
        return parent.IsFaulted ? 1 : 0;
    }

    /// <summary>It does not outlive the bench.</summary>
    private static void EndWithInput()
    {
        while (Console.In.ReadLine() is not null) { }
        Environment.Exit(0);
    }
}
