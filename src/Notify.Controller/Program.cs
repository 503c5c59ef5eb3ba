using Notify.Controller;
using Notify.Hosting;

return await NodeHost.RunAsync(new ControllerProgram(), args);
