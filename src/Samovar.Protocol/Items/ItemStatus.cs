namespace Samovar.Protocol.Items;

/// <summary>How far an output item is.</summary>
public enum ItemStatus { InProgress, Completed, Incomplete }
