namespace Notify.Ctl.Input;

/// <summary>How a single value was written.</summary>
internal enum DataKind
{
    /// <summary>YAML without quotes: the field that it is for decides what it is.</summary>
    Plain = 0,

    /// <summary>In quotes.</summary>
    Text = 1,

    /// <summary>A number of JSON.</summary>
    Number = 2,

    /// <summary>true or false of JSON.</summary>
    Truth = 3,

    /// <summary>null of JSON.</summary>
    Null = 4,
}
