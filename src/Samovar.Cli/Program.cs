using Samovar.Cli.Commands;

return await SamovarCommand.RunAsync(args, TimeProvider.System, Shell.OfThisProcess);
