"""What a language model computed for one prompt, as the linear map that it was.

    import secant
    answer = secant.explain("The capital of France is", target="Paris", over="London")
    answer.to_pandas()

Every function asks the program ``secant``, which stays in the background with the model open.
"""

from ._jacobian import Jacobian
from ._model import Model
from ._program import __version__, program
from ._questions import *
from ._questions import __all__ as _questions
from .reports import *
from .reports import __all__ as _reports
from ._result import Figure, Report
from ._safetensors import load
from ._session import SecantError

__all__ = ["Figure", "Jacobian", "Model", "Report", "SecantError", "__version__", "load", "program"]
__all__ += _questions + _reports
