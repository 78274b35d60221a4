#include "fields.hpp"

Queue::Queue() : size(1) {}
