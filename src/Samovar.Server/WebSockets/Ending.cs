namespace Samovar.Server.WebSockets;

/// <summary>Why a connection ends; the first reason counts.</summary>
internal enum Ending { ClientClosed, ClientGone, TooLong, TooSlow, BrokenFrame, Aged, ServerCloses, Broken, Refused }
