return await Samovar.Server.Commands.SamovarCommand.RunAsync(args, TimeProvider.System);
