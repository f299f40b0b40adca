internal import Reconciler
