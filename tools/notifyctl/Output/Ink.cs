namespace Notify.Ctl.Output;

/// <summary>Colours, by the numbers that terminals give them.</summary>
internal enum Ink
{
    Red = 31,
    Green = 32,
    Yellow = 33,
    Cyan = 36,
    Grey = 90,
}
