// Reading of scans.
#pragma once
#include "kernels/codec/jpeg_frame.h"

namespace flambeau::jpeg {

// Reads a scan into the planes of its components, or into the coefficients of a progressive file. False if there is a
// failure; what comes behind the scan is at `frame.next`.
bool decodeScan(Frame& frame, Scan& scan);

// Makes the samples of a component from its coefficients.
void transformCoefficients(Component& component);

}  // namespace flambeau::jpeg
