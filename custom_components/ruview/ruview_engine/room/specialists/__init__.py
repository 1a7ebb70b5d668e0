"""specialists"""
