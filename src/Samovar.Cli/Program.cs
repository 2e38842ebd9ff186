return await Samovar.Cli.Commands.SamovarCommand.RunAsync(args, TimeProvider.System);
